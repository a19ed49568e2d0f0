package net.vgate.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.all;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.lang.AbstractClassesTransformer;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Formatter;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/**
 * The rules, one constant each. Package patterns begin with {@code ..} so that they match the violations planted below
 * the package {@code planted} as well, where {@link PlantedViolationsTest} sees every rule fail.
 */
final class ArchitectureRules {
    /** The packages of header-translator. */
    private static final String[] HEADERS = {"..net.vgate.packet..", "..net.vgate.encap..", "..net.vgate.translate.."};

    /** The packages of tls-tunnel. */
    private static final String[] TUNNELS = {
        "..net.vgate.record..",
        "..net.vgate.handshake..",
        "..net.vgate.pki..",
        "..net.vgate.stream..",
        "..net.vgate.tunnel.."
    };

    /** What runs for every packet. */
    private static final String[] DATA_PATH = {
        "..net.vgate.dataplane..",
        "..net.vgate.packet..",
        "..net.vgate.encap..",
        "..net.vgate.translate..",
        "..net.vgate.record.."
    };

    private static final Set<String> BLOCKING = Stream.of(
                    "CountDownLatch", "CyclicBarrier", "Exchanger", "Phaser", "Semaphore")
            .map(name -> "java.util.concurrent." + name)
            .collect(Collectors.toUnmodifiableSet());

    private static final String EMPTY_NAME = ".*(Util|Utils|Helper|Manager|Impl|Data|Info)";

    private static final DescribedPredicate<JavaClass> THREADS_SOCKETS_CLOCKS =
            describe("threads, sockets or clocks", ArchitectureRules::isThreadSocketOrClock);

    private static final DescribedPredicate<JavaClass> LOCKS =
            describe("locks or what blocks", ArchitectureRules::isLockOrBlocks);

    private static final DescribedPredicate<JavaClass> LOGGERS = resideInAnyPackage(
                    "org.slf4j..", "java.util.logging..", "ch.qos.logback..")
            .or(describe("System.Logger", type -> type.getName().startsWith("java.lang.System$Logger")))
            .as("loggers");

    static final ArchRule HEADER_TRANSLATOR_STANDS_ALONE = classes()
            .that()
            .resideInAnyPackage(HEADERS)
            .should()
            .onlyDependOnClassesThat(
                    resideInAnyPackage(HEADERS).or(resideInAnyPackage("java..", "org.jspecify.annotations..")))
            .as("header-translator depends on nothing but the JDK");

    static final ArchRule TLS_TUNNEL_DOES_NOT_KNOW_THE_GATEWAY = noClasses()
            .that()
            .resideInAnyPackage(TUNNELS)
            .should()
            .dependOnClassesThat(resideInAPackage("..net.vgate..")
                    .and(not(resideInAnyPackage(HEADERS)))
                    .and(not(resideInAnyPackage(TUNNELS))))
            .as("tls-tunnel depends on nothing of gateway-core");

    static final ArchRule HEADERS_HAVE_NO_THREADS_SOCKETS_OR_CLOCKS = noClasses()
            .that()
            .resideInAnyPackage(HEADERS)
            .should()
            .dependOnClassesThat(THREADS_SOCKETS_CLOCKS)
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .as("header-translator has no threads, sockets or clocks");

    /** Sees locks that are objects; a synchronized block is beyond ArchUnit, and left to review. */
    static final ArchRule DATA_PATH_TAKES_NO_LOCKS = noClasses()
            .that()
            .resideInAnyPackage(DATA_PATH)
            .should()
            .dependOnClassesThat(LOCKS)
            .orShould()
            .callMethodWhere(callTo(Object.class, "wait"))
            .orShould()
            .callMethodWhere(callTo(Thread.class, "sleep", "join"))
            .as("the data path takes no locks and does not block");

    static final ArchRule DATA_PATH_HAS_NO_SYNCHRONIZED_METHODS = noMethods()
            .that()
            .areDeclaredInClassesThat()
            .resideInAnyPackage(DATA_PATH)
            .should()
            .haveModifier(JavaModifier.SYNCHRONIZED)
            .as("the data path has no synchronized methods");

    static final ArchRule DATA_PATH_DOES_NOT_LOG = noClasses()
            .that()
            .resideInAnyPackage(DATA_PATH)
            .should()
            .dependOnClassesThat(LOGGERS)
            .as("the data path does not log");

    static final ArchRule DATA_PATH_USES_NO_STREAMS = noClasses()
            .that()
            .resideInAnyPackage(DATA_PATH)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("java.util.stream..")
            .as("the data path uses no streams");

    static final ArchRule DATA_PATH_FORMATS_NO_STRINGS = noClasses()
            .that()
            .resideInAnyPackage(DATA_PATH)
            .should()
            .callMethodWhere(callTo(String.class, "format", "formatted"))
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(Formatter.class)
            .as("the data path formats no strings");

    static final ArchRule JNA = only("com.sun.jna..", "..net.vgate.linux..", "..net.vgate.record.ipsecmb..");

    static final ArchRule NETTY = only("io.netty..", "..net.vgate.stream..", "..net.vgate.http..");

    /** Native code and a good deal of memory, which a gateway without TCP does without. */
    static final ArchRule OUTER_TLS = only(
            resideInAnyPackage("io.netty.handler.ssl..", "io.netty.channel.epoll..")
                    .as("TLS and epoll of io.netty.."),
            "..net.vgate.stream..");

    static final ArchRule BOUNCY_CASTLE_TLS = only("org.bouncycastle.tls..", "..net.vgate.handshake..");

    static final ArchRule BOUNCY_CASTLE = only(
            resideInAPackage("org.bouncycastle..")
                    .and(not(resideInAPackage("org.bouncycastle.tls..")))
                    .as("org.bouncycastle.. other than tls"),
            "..net.vgate.handshake..",
            "..net.vgate.pki..");

    static final ArchRule MICROMETER = only("io.micrometer..", "..net.vgate.observe..");

    static final ArchRule SNAKEYAML = only("org.snakeyaml..", "..net.vgate.config..");

    static final ArchRule NO_CYCLES =
            slices().matching("..net.vgate.(*)..").should().beFreeOfCycles();

    static final ArchRule NAMES_SAY_SOMETHING = noClasses()
            .should()
            .haveNameMatching(EMPTY_NAME)
            .as("no class is named *Util, *Utils, *Helper, *Manager, *Impl, *Data or *Info");

    static final ArchRule PACKAGES_ARE_NULL_MARKED = all(packages()).should(beNullMarked());

    private ArchitectureRules() {}

    static List<ArchRule> everyRule() {
        return Stream.of(
                        HEADER_TRANSLATOR_STANDS_ALONE,
                        TLS_TUNNEL_DOES_NOT_KNOW_THE_GATEWAY,
                        HEADERS_HAVE_NO_THREADS_SOCKETS_OR_CLOCKS,
                        DATA_PATH_TAKES_NO_LOCKS,
                        DATA_PATH_HAS_NO_SYNCHRONIZED_METHODS,
                        DATA_PATH_DOES_NOT_LOG,
                        DATA_PATH_USES_NO_STREAMS,
                        DATA_PATH_FORMATS_NO_STRINGS,
                        JNA,
                        NETTY,
                        OUTER_TLS,
                        BOUNCY_CASTLE_TLS,
                        BOUNCY_CASTLE,
                        MICROMETER,
                        SNAKEYAML,
                        NO_CYCLES,
                        NAMES_SAY_SOMETHING,
                        PACKAGES_ARE_NULL_MARKED)
                // A package that nobody has written yet breaks no rule.
                .map(rule -> rule.allowEmptyShould(true))
                .toList();
    }

    private static ArchRule only(String library, String... packages) {
        return only(resideInAPackage(library).as(library), packages);
    }

    private static ArchRule only(DescribedPredicate<JavaClass> library, String... packages) {
        return noClasses()
                .that()
                .resideOutsideOfPackages(packages)
                .should()
                .dependOnClassesThat(library)
                .as(library.getDescription() + " is used in " + String.join(", ", packages) + " only");
    }

    private static DescribedPredicate<JavaCall<?>> callTo(Class<?> owner, String... names) {
        Set<String> called = Set.of(names);
        return describe(
                owner.getSimpleName() + "." + String.join("/", names),
                call -> call.getTargetOwner().isEquivalentTo(owner) && called.contains(call.getName()));
    }

    private static boolean isThreadSocketOrClock(JavaClass type) {
        return switch (type.getPackageName()) {
            case "java.util.concurrent", "java.util.concurrent.locks", "java.nio.channels" -> true;
            // InetSocketAddress is an address, and no socket.
            case "java.net" -> type.getSimpleName().endsWith("Socket");
            case "java.lang" -> type.getSimpleName().startsWith("Thread");
            case "java.time" -> Set.of("Clock", "Instant").contains(type.getSimpleName());
            case "java.util" -> type.getSimpleName().equals("Timer");
            default -> false;
        };
    }

    private static boolean isLockOrBlocks(JavaClass type) {
        return type.getPackageName().equals("java.util.concurrent.locks")
                || BLOCKING.contains(type.getName())
                || type.isAssignableTo(BlockingQueue.class)
                || type.isAssignableTo(Future.class);
    }

    private static AbstractClassesTransformer<JavaPackage> packages() {
        return new AbstractClassesTransformer<>("packages") {
            @Override
            public Iterable<JavaPackage> doTransform(JavaClasses classes) {
                return classes.stream().map(JavaClass::getPackage).collect(Collectors.toSet());
            }
        };
    }

    private static ArchCondition<JavaPackage> beNullMarked() {
        return new ArchCondition<>("have a package-info.java with @NullMarked") {
            @Override
            public void check(JavaPackage item, ConditionEvents events) {
                boolean marked = item.isAnnotatedWith(NullMarked.class);
                events.add(new SimpleConditionEvent(
                        item, marked, item.getName() + (marked ? " is" : " is not") + " @NullMarked"));
            }
        };
    }
}
