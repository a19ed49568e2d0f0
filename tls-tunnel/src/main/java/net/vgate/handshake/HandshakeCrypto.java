package net.vgate.handshake;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import net.vgate.record.AeadAlgorithm;
import net.vgate.record.ConnectionIds;
import net.vgate.record.ControlProtector;
import net.vgate.record.RecordFormat;
import net.vgate.record.RecordKeys;
import net.vgate.record.Role;
import org.bouncycastle.jcajce.util.DefaultJcaJceHelper;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.CertificateType;
import org.bouncycastle.tls.EncryptionAlgorithm;
import org.bouncycastle.tls.SecurityParameters;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCipher;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.TlsImplUtils;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCrypto;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's algorithms for one handshake of Bouncy Castle's, but for the record cipher: that is ours, so that records
 * of the handshake and of the data path share keys and sequence numbers.
 */
final class HandshakeCrypto extends JcaTlsCrypto {
    private final long localCid;
    private final @Nullable KeyLog keyLog;
    private @Nullable AssociationCipher cipher;

    HandshakeCrypto(SecureRandom random, long localCid, @Nullable KeyLog keyLog) {
        super(new DefaultJcaJceHelper(), random, random);
        this.localCid = localCid;
        this.keyLog = keyLog;
    }

    /** The cipher, once the handshake has come to keys. */
    @Nullable
    AssociationCipher cipher() {
        return cipher;
    }

    @Override
    public TlsCertificate createCertificate(short type, byte[] encoding) throws IOException {
        if (type != CertificateType.X509) {
            throw new TlsFatalAlert(AlertDescription.unsupported_certificate);
        }
        return new Ed25519.PeerCertificate(this, encoding);
    }

    @Override
    public TlsCipher createCipher(TlsCryptoParameters parameters, int encryptionAlgorithm, int macAlgorithm)
            throws IOException {
        AeadAlgorithm algorithm = switch (encryptionAlgorithm) {
            case EncryptionAlgorithm.AES_128_GCM -> AeadAlgorithm.AES_128_GCM;
            case EncryptionAlgorithm.AES_256_GCM -> AeadAlgorithm.AES_256_GCM;
            case EncryptionAlgorithm.CHACHA20_POLY1305 -> AeadAlgorithm.CHACHA20_POLY1305;
            default -> throw new TlsFatalAlert(AlertDescription.internal_error);
        };
        SecurityParameters security = parameters.getSecurityParametersHandshake();
        if (keyLog != null) {
            log(keyLog, security);
        }
        Role role = parameters.isServer() ? Role.SERVER : Role.CLIENT;
        byte[] keyBlock = TlsImplUtils.calculateKeyBlock(parameters, RecordKeys.keyBlockBytes(algorithm));
        RecordKeys keys = RecordKeys.of(algorithm, keyBlock, role);
        Arrays.fill(keyBlock, (byte) 0);
        ConnectionIds ids = ids(security);
        String suiteName = Negotiation.suiteName(security.getCipherSuite());
        AssociationCipher made = new AssociationCipher(suiteName, ids, keys, new ControlProtector(ids, keys));
        cipher = made;
        return made;
    }

    /** Bouncy Castle calls local what we write, and the peer's what we read. */
    private ConnectionIds ids(SecurityParameters security) throws IOException {
        byte[] written = security.getConnectionIDLocal();
        byte[] read = security.getConnectionIDPeer();
        if (read == null || written == null) {
            return ConnectionIds.without(localCid);
        }
        if (written.length > RecordFormat.MAX_CID_BYTES) {
            throw new TlsFatalAlert(AlertDescription.illegal_parameter);
        }
        return ConnectionIds.negotiated(localCid, written);
    }

    private void log(KeyLog log, SecurityParameters security) {
        byte[] master = adoptSecret(security.getMasterSecret()).extract();
        HexFormat hex = HexFormat.of();
        log.log("CLIENT_RANDOM " + hex.formatHex(security.getClientRandom()) + " " + hex.formatHex(master));
        Arrays.fill(master, (byte) 0);
    }
}
