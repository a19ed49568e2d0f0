package net.vgate.pki;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;

/** Whether keys belong together. */
public final class KeyPairs {
    private KeyPairs() {}

    /** Whether what {@code secret} signs is what {@code open} verifies. */
    public static boolean match(PrivateKey secret, PublicKey open) {
        byte[] message = {'v', 'g', 'a', 't', 'e'};
        try {
            Signature signature = Signature.getInstance(algorithm(secret.getAlgorithm()));
            signature.initSign(secret);
            signature.update(message);
            byte[] signed = signature.sign();
            signature.initVerify(open);
            signature.update(message);
            return signature.verify(signed);
        } catch (GeneralSecurityException different) {
            return false;
        }
    }

    private static String algorithm(String key) {
        return switch (key) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> key;
        };
    }
}
