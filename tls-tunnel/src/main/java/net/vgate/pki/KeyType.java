package net.vgate.pki;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.EdECKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Locale;
import java.util.Optional;

/** Kinds of keys that a gateway or an authority may have. */
public enum KeyType {
    /** ECDSA; new keys are of P-256. */
    ECDSA("EC", "SHA256withECDSA"),
    /** RFC 8032. */
    ED25519("Ed25519", "Ed25519"),
    /** None are made here. */
    RSA("RSA", "SHA256withRSA");

    private static final SecureRandom RANDOM = new SecureRandom();

    private final String algorithm;
    private final String signature;

    KeyType(String algorithm, String signature) {
        this.algorithm = algorithm;
        this.signature = signature;
    }

    /** What kind of key that is, private or public; empty for one that is none of these. */
    public static Optional<KeyType> of(Key key) {
        return switch (key.getAlgorithm()) {
            case "EC" -> Optional.of(ECDSA);
            case "RSA" -> Optional.of(RSA);
            case "EdDSA", "Ed25519" ->
                key instanceof EdECKey edwards && edwards.getParams().getName().equals(ED25519.algorithm)
                        ? Optional.of(ED25519)
                        : Optional.empty();
            default -> Optional.empty();
        };
    }

    /** JCA's name of the algorithm by which such a key signs. */
    String signature() {
        return signature;
    }

    /** As the command line has it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** A new key of this kind. */
    KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            if (this == ECDSA) {
                generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has " + algorithm, impossible);
        }
    }
}
