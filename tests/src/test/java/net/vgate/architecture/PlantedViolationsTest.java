package net.vgate.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule is seen to fail, on the code planted for it below the package {@code planted}. */
class PlantedViolationsTest {
    private static final JavaClasses PLANTED = new ClassFileImporter().importPackages("planted.net.vgate");

    /** Each rule, with words that its report must contain: one for each part of the rule. */
    static Stream<Arguments> violations() {
        return Stream.of(
                violation(
                        ArchitectureRules.HEADER_TRANSLATOR_STANDS_ALONE,
                        "planted.net.vgate.record.SealedRecord",
                        "org.slf4j.Logger"),
                violation(
                        ArchitectureRules.TLS_TUNNEL_DOES_NOT_KNOW_THE_GATEWAY,
                        "planted.net.vgate.forwarding.ForwardingUtil"),
                violation(
                        ArchitectureRules.HEADERS_HAVE_NO_THREADS_SOCKETS_OR_CLOCKS,
                        "java.lang.Thread",
                        "java.net.DatagramSocket",
                        "java.time.Clock",
                        "nanoTime"),
                violation(
                        ArchitectureRules.DATA_PATH_TAKES_NO_LOCKS,
                        "ReentrantLock",
                        "ArrayBlockingQueue",
                        "Semaphore",
                        "java.lang.Thread.sleep"),
                violation(ArchitectureRules.DATA_PATH_HAS_NO_SYNCHRONIZED_METHODS, "SlowPath.locked()"),
                violation(ArchitectureRules.DATA_PATH_DOES_NOT_LOG, "org.slf4j.Logger", "java.lang.System$Logger"),
                violation(ArchitectureRules.DATA_PATH_USES_NO_STREAMS, "java.util.stream.IntStream"),
                violation(ArchitectureRules.DATA_PATH_FORMATS_NO_STRINGS, "String.format(", "String.formatted("),
                violation(ArchitectureRules.JNA, "com.sun.jna.Pointer"),
                violation(ArchitectureRules.NETTY, "io.netty.buffer.ByteBuf"),
                violation(
                        ArchitectureRules.OUTER_TLS,
                        "io.netty.handler.ssl.SslContext",
                        "io.netty.channel.epoll.EpollSocketChannel"),
                violation(ArchitectureRules.BOUNCY_CASTLE_TLS, "org.bouncycastle.tls.ProtocolVersion"),
                violation(ArchitectureRules.BOUNCY_CASTLE, "org.bouncycastle.asn1.ASN1Encodable"),
                violation(ArchitectureRules.MICROMETER, "io.micrometer.core.instrument.Counter"),
                violation(ArchitectureRules.SNAKEYAML, "org.snakeyaml.engine.v2.nodes.Node"),
                violation(ArchitectureRules.NO_CYCLES, "Cycle detected: Slice packet"),
                violation(ArchitectureRules.NAMES_SAY_SOMETHING, "ForwardingUtil"),
                violation(ArchitectureRules.PACKAGES_ARE_NULL_MARKED, "planted.net.vgate.packet is not"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("violations")
    void isFound(ArchRule rule, List<String> words) {
        String report = rule.evaluate(PLANTED).getFailureReport().toString();

        for (String word : words) {
            assertTrue(report.contains(word), () -> "nothing of " + word + " in: " + report);
        }
    }

    @Test
    void everyRuleHasItsViolation() {
        Set<String> violated = violations()
                .map(arguments -> ((Named<?>) arguments.get()[0]).getName())
                .collect(Collectors.toSet());

        assertEquals(
                ArchitectureRules.everyRule().stream()
                        .map(ArchRule::getDescription)
                        .collect(Collectors.toSet()),
                violated);
    }

    private static Arguments violation(ArchRule rule, String... words) {
        return arguments(Named.of(rule.getDescription(), rule), List.of(words));
    }
}
