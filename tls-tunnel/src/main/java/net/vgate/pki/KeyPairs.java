package net.vgate.pki;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Optional;

/** Whether keys belong together. */
public final class KeyPairs {
    private KeyPairs() {}

    /** Whether what {@code secret} signs is what {@code open} verifies. */
    public static boolean match(PrivateKey secret, PublicKey open) {
        byte[] message = {'v', 'g', 'a', 't', 'e'};
        Optional<KeyType> type = KeyType.of(secret);
        if (type.isEmpty()) {
            return false;
        }
        try {
            Signature signature = Signature.getInstance(type.get().signature());
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
}
