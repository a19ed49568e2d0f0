package planted.net.vgate.forwarding;

import com.sun.jna.Pointer;
import io.micrometer.core.instrument.Counter;
import io.netty.buffer.ByteBuf;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.ssl.SslContext;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.tls.ProtocolVersion;
import org.snakeyaml.engine.v2.nodes.Node;

/** Planted: uses every library that is others' to use. */
interface Borrower {
    void borrow(Pointer a, Counter b, ByteBuf c, ASN1Encodable d, ProtocolVersion e, Node f);

    void borrowMore(SslContext a, EpollSocketChannel b);
}
