package net.vgate.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import net.vgate.packet.OuterAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Asks the C compiler, where there is one, for the sizes and offsets that this package packs by hand. */
@Timeout(60)
class StructLayoutTest {
    private static final Map<String, Integer> LAYOUT = layout();

    @TempDir
    Path folder;

    private static Map<String, Integer> layout() {
        Map<String, Integer> layout = new LinkedHashMap<>();
        layout.put("sizeof(struct mmsghdr)", MsgHdrVector.MMSGHDR_BYTES);
        layout.put("sizeof(struct iovec)", MsgHdrVector.IOVEC_BYTES);
        layout.put("offsetof(struct mmsghdr, msg_hdr.msg_name)", MsgHdrVector.NAME_OFFSET);
        layout.put("offsetof(struct mmsghdr, msg_hdr.msg_namelen)", MsgHdrVector.NAMELEN_OFFSET);
        layout.put("offsetof(struct mmsghdr, msg_hdr.msg_iov)", MsgHdrVector.IOV_OFFSET);
        layout.put("offsetof(struct mmsghdr, msg_hdr.msg_iovlen)", MsgHdrVector.IOVLEN_OFFSET);
        layout.put("offsetof(struct mmsghdr, msg_hdr.msg_control)", MsgHdrVector.CONTROL_OFFSET);
        layout.put("offsetof(struct mmsghdr, msg_hdr.msg_controllen)", MsgHdrVector.CONTROLLEN_OFFSET);
        layout.put("offsetof(struct mmsghdr, msg_hdr.msg_flags)", MsgHdrVector.FLAGS_OFFSET);
        layout.put("offsetof(struct mmsghdr, msg_len)", MsgHdrVector.MSG_LEN_OFFSET);
        layout.put("offsetof(struct iovec, iov_base)", MsgHdrVector.IOV_BASE_OFFSET);
        layout.put("offsetof(struct iovec, iov_len)", MsgHdrVector.IOV_LEN_OFFSET);
        layout.put("sizeof(struct epoll_event)", Poller.EVENT_BYTES);
        layout.put("offsetof(struct epoll_event, data)", Poller.EVENT_DATA_OFFSET);
        layout.put("sizeof(struct sockaddr_in)", OuterAddress.INET_BYTES);
        layout.put("sizeof(struct sockaddr_in6)", OuterAddress.INET6_BYTES);
        layout.put("sizeof(struct ifreq)", TunQueue.IFREQ_BYTES);
        layout.put("offsetof(struct ifreq, ifr_flags)", TunQueue.IFREQ_FLAGS_OFFSET);
        layout.put("IFNAMSIZ - 1", TunQueue.MAX_NAME_BYTES);
        layout.put("sizeof(struct virtio_net_hdr)", VirtioNetHeader.BYTES);
        layout.put("offsetof(struct virtio_net_hdr, gso_type)", VirtioNetHeader.GSO_TYPE_OFFSET);
        layout.put("offsetof(struct virtio_net_hdr, hdr_len)", VirtioNetHeader.HDR_LEN_OFFSET);
        layout.put("offsetof(struct virtio_net_hdr, gso_size)", VirtioNetHeader.GSO_SIZE_OFFSET);
        layout.put("offsetof(struct virtio_net_hdr, csum_start)", VirtioNetHeader.CSUM_START_OFFSET);
        layout.put("offsetof(struct virtio_net_hdr, csum_offset)", VirtioNetHeader.CSUM_OFFSET_OFFSET);
        layout.put("VIRTIO_NET_HDR_F_NEEDS_CSUM", VirtioNetHeader.F_NEEDS_CSUM);
        layout.put("VIRTIO_NET_HDR_F_DATA_VALID", VirtioNetHeader.F_DATA_VALID);
        layout.put("VIRTIO_NET_HDR_GSO_TCPV4", VirtioNetHeader.GSO_TCPV4);
        layout.put("VIRTIO_NET_HDR_GSO_TCPV6", VirtioNetHeader.GSO_TCPV6);
        layout.put("VIRTIO_NET_HDR_GSO_ECN", VirtioNetHeader.GSO_ECN);
        layout.put("IFF_TUN_EXCL", TunQueue.IFF_TUN_EXCL);
        layout.put("TUNSETIFF", TunQueue.TUNSETIFF.intValue());
        layout.put("TUNSETOFFLOAD", TunQueue.TUNSETOFFLOAD.intValue());
        layout.put("TUNSETVNETHDRSZ", TunQueue.TUNSETVNETHDRSZ.intValue());
        layout.put("TUNSETSTEERINGEBPF", TunQueue.TUNSETSTEERINGEBPF.intValue());
        layout.put("offsetof(union bpf_attr, insn_cnt)", QueueProgram.INSN_CNT_OFFSET);
        layout.put("offsetof(union bpf_attr, insns)", QueueProgram.INSNS_OFFSET);
        layout.put("offsetof(union bpf_attr, license)", QueueProgram.LICENSE_OFFSET);
        layout.put("offsetof(union bpf_attr, prog_name)", QueueProgram.ATTR_BYTES);
        layout.put("sizeof(struct bpf_insn)", QueueProgram.INSTRUCTION_BYTES);
        layout.put("BPF_PROG_LOAD", QueueProgram.BPF_PROG_LOAD);
        layout.put("BPF_PROG_TYPE_SOCKET_FILTER", QueueProgram.BPF_PROG_TYPE_SOCKET_FILTER);
        layout.put("CMSG_SPACE(sizeof(unsigned short))", MsgHdrVector.CMSG_BYTES);
        layout.put("CMSG_SPACE(sizeof(int))", MsgHdrVector.CMSG_BYTES);
        layout.put("CMSG_LEN(0)", MsgHdrVector.CMSG_DATA_OFFSET);
        layout.put("offsetof(struct cmsghdr, cmsg_level)", MsgHdrVector.CMSG_LEVEL_OFFSET);
        layout.put("offsetof(struct cmsghdr, cmsg_type)", MsgHdrVector.CMSG_TYPE_OFFSET);
        layout.put("SOL_UDP", UdpSocket.SOL_UDP);
        layout.put("UDP_SEGMENT", UdpSocket.UDP_SEGMENT);
        layout.put("UDP_GRO", UdpSocket.UDP_GRO);
        layout.put("MSG_DONTWAIT", UdpSocket.MSG_DONTWAIT);
        layout.put("MSG_TRUNC", UdpSocket.MSG_TRUNC);
        layout.put("SO_MEMINFO", UdpSocket.SO_MEMINFO);
        layout.put("SK_MEMINFO_DROPS", UdpSocket.SK_MEMINFO_DROPS);
        layout.put("SK_MEMINFO_VARS", UdpSocket.SK_MEMINFO_VARS);
        layout.put("IP_MTU_DISCOVER", UdpSocket.IP_MTU_DISCOVER);
        layout.put("IPV6_MTU_DISCOVER", UdpSocket.IPV6_MTU_DISCOVER);
        layout.put("IP_PMTUDISC_PROBE", UdpSocket.PMTUDISC_PROBE);
        layout.put("IPV6_PMTUDISC_PROBE", UdpSocket.PMTUDISC_PROBE);
        layout.put("IPV6_DONTFRAG", UdpSocket.IPV6_DONTFRAG);
        return layout;
    }

    @Test
    void agreesWithTheSystemsHeaders() throws IOException, InterruptedException {
        Path program = folder.resolve("layout.c");
        Files.writeString(program, source());
        assumeTrue(run("sh", "-c", "command -v gcc") == 0, "no C compiler here");

        assertEquals(0, run("gcc", "-o", folder.resolve("layout").toString(), program.toString()), "see layout.log");
        assertEquals(0, run(folder.resolve("layout").toString()));

        StringBuilder expected = new StringBuilder();
        LAYOUT.forEach((what, value) ->
                expected.append(what).append(" = ").append(value).append('\n'));
        assertEquals(expected.toString(), Files.readString(folder.resolve("layout.log")));
    }

    private int run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("layout.log").toFile())
                .start();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            return -1;
        }
        return process.exitValue();
    }

    private static String source() {
        StringBuilder source = new StringBuilder("""
                #define _GNU_SOURCE
                #include <stddef.h>
                #include <stdio.h>
                #include <sys/epoll.h>
                #include <sys/ioctl.h>
                #include <sys/socket.h>
                #include <netinet/in.h>
                #include <netinet/udp.h>
                #include <net/if.h>
                #include <linux/bpf.h>
                #include <linux/if_tun.h>
                #include <linux/sock_diag.h>
                #include <linux/virtio_net.h>
                int main(void) {
                """);
        for (String what : LAYOUT.keySet()) {
            source.append("printf(\"%s = %d\\n\", \"")
                    .append(what)
                    .append("\", (int) (")
                    .append(what)
                    .append("));\n");
        }
        return source.append("return 0; }\n").toString();
    }
}
