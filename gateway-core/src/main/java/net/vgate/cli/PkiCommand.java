package net.vgate.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import net.vgate.observe.Json;
import net.vgate.pki.CertificateAuthority;
import net.vgate.pki.CertificateSummary;
import net.vgate.pki.GatewayIdentity;
import net.vgate.pki.KeyType;
import net.vgate.pki.PemFile;
import net.vgate.pki.PkiException;
import net.vgate.pki.PresharedKey;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vgate pki}. */
@Command(
        name = "pki",
        description = "Make and show certificates of gateways. Keys are ECDSA P-256, or Ed25519.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            PkiCommand.Authority.class,
            PkiCommand.Issue.class,
            PkiCommand.Revoke.class,
            PkiCommand.Psk.class,
            PkiCommand.Show.class
        },
        footer = {"", "Example: vgate pki show pki/*.crt"})
final class PkiCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "pki what?");
    }

    /** {@code vgate pki ca}. */
    @Command(
            name = "ca",
            description =
                    "Make an authority: FOLDER/ca.crt, which peers trust, and FOLDER/ca.key, which nobody else may have.",
            footer = {"", "Example: vgate pki ca --out pki --name \"Example Corp vgate CA\""})
    static final class Authority implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Option(
                names = "--out",
                required = true,
                paramLabel = "FOLDER",
                description = "Where to write; made if need be.")
        private Path out;

        @Option(
                names = "--name",
                paramLabel = "NAME",
                defaultValue = "vgate CA",
                description = "The authority's name (default: ${DEFAULT-VALUE}).")
        private String name;

        @Option(names = "--days", paramLabel = "N", description = "Days until it expires (default: 3652).")
        private long days = CertificateAuthority.AUTHORITY_VALIDITY.toDays();

        @Option(names = "--key", paramLabel = "TYPE", description = "ecdsa or ed25519 (default: ecdsa).")
        private String key = KeyType.ECDSA.label();

        @Option(names = "--force", description = "Replace files; all certificates of the old authority are void then.")
        private boolean force;

        @Override
        public Integer call() {
            return written(
                    spec,
                    validity -> CertificateAuthority.create(out, name, keyType(key), validity, Instant.now(), force),
                    days);
        }
    }

    /** {@code vgate pki issue}. */
    @Command(
            name = "issue",
            description = "Issue a gateway's certificate and key: FOLDER/GATEWAY.crt and FOLDER/GATEWAY.key.",
            footer = {"", "Example: vgate pki issue --ca pki --site east --gateway east-1 --out pki"})
    static final class Issue implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Option(names = "--ca", required = true, paramLabel = "FOLDER", description = "The authority's folder.")
        private Path authority;

        @Option(names = "--site", required = true, paramLabel = "SITE", description = "The gateway's site.")
        private String site;

        @Option(names = "--gateway", required = true, paramLabel = "GATEWAY", description = "Its name within the site.")
        private String gateway;

        @Option(
                names = "--out",
                required = true,
                paramLabel = "FOLDER",
                description = "Where to write; made if need be.")
        private Path out;

        @Option(names = "--days", paramLabel = "N", description = "Days until it expires (default: 825).")
        private long days = CertificateAuthority.GATEWAY_VALIDITY.toDays();

        @Option(names = "--key", paramLabel = "TYPE", description = "ecdsa or ed25519 (default: as the authority's).")
        private @Nullable String key;

        @Option(names = "--force", description = "Replace files.")
        private boolean force;

        @Override
        public Integer call() {
            requireName("--site", site);
            requireName("--gateway", gateway);
            return written(
                    spec,
                    validity -> {
                        CertificateAuthority issuer = CertificateAuthority.load(authority);
                        return key == null
                                ? issuer.issue(out, site, gateway, validity, Instant.now(), force)
                                : issuer.issue(out, site, gateway, keyType(key), validity, Instant.now(), force);
                    },
                    days);
        }
    }

    /** {@code vgate pki revoke}. */
    @Command(
            name = "revoke",
            description = {
                "Add certificates to the authority's revocation list, FOLDER/ca.crl, and date it anew.",
                "Gateways that have it in identity.revoked disconnect their holders with the next reload."
            },
            footer = {"", "Example: vgate pki revoke --ca pki pki/east-1.crt"})
    static final class Revoke implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Option(names = "--ca", required = true, paramLabel = "FOLDER", description = "The authority's folder.")
        private Path authority;

        @Parameters(
                paramLabel = "FILE",
                arity = "0..*",
                description = "PEM files; of each the first certificate. None: the list is dated anew.")
        private List<Path> files = List.of();

        @Option(
                names = "--days",
                paramLabel = "N",
                description = "Days until the list should be dated anew (default: 365).")
        private long days = CertificateAuthority.REVOCATION_VALIDITY.toDays();

        @Override
        public Integer call() {
            return written(
                    spec,
                    validity -> {
                        List<X509Certificate> certificates = new ArrayList<>();
                        for (Path file : files) {
                            certificates.add(PemFile.certificates(file).get(0));
                        }
                        return List.of(CertificateAuthority.load(authority)
                                .revoke(authority, certificates, validity, Instant.now()));
                    },
                    days);
        }
    }

    /** {@code vgate pki psk}. */
    @Command(
            name = "psk",
            description = {
                "Make a key that two gateways share, for peers[].gateways[].psk at both ends.",
                "Whoever has the file can be either of them; carry it by a way that nobody else sees."
            },
            footer = {"", "Example: vgate pki psk --out pki/west-1.psk"})
    static final class Psk implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Option(names = "--out", required = true, paramLabel = "FILE", description = "Where to write.")
        private Path out;

        @Option(names = "--force", description = "Replace the file.")
        private boolean force;

        @Override
        public Integer call() {
            try {
                PresharedKey.create(out, new SecureRandom(), force);
            } catch (PkiException failed) {
                throw new CommandFailure(ExitCode.FAILURE, String.valueOf(failed.getMessage()), failed);
            }
            spec.commandLine().getOut().println("wrote " + out);
            return ExitCode.OK;
        }
    }

    /** {@code vgate pki show}. */
    @Command(
            name = "show",
            description = "Show certificates: whose they are, who issued them, and when they expire.",
            footer = {"", "Example: vgate pki show pki/ca.crt pki/east-1.crt --json"})
    static final class Show implements Callable<Integer> {
        private static final DateTimeFormatter DAY = DateTimeFormatter.ISO_LOCAL_DATE.withZone(ZoneOffset.UTC);

        @Spec
        private CommandSpec spec;

        @Parameters(paramLabel = "FILE", arity = "1..*", description = "PEM files of certificates.")
        private List<Path> files;

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        @Override
        public Integer call() {
            List<CertificateSummary> summaries = new ArrayList<>();
            boolean isWhole = true;
            for (Path file : files) {
                try {
                    PemFile.certificates(file)
                            .forEach(c -> summaries.add(CertificateSummary.of(file, c, Instant.now())));
                } catch (PkiException unreadable) {
                    spec.commandLine().getErr().println("vgate: " + unreadable.getMessage());
                    isWhole = false;
                }
            }
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                out.print(Json.write(summaries));
            } else if (!summaries.isEmpty()) {
                out.print(table(summaries));
            }
            return isWhole ? ExitCode.OK : ExitCode.FAILURE;
        }

        private static TextTable table(List<CertificateSummary> summaries) {
            TextTable table = new TextTable(
                    "FILE", "IDENTITY", "SUBJECT", "ISSUER", "FROM", "UNTIL", "DAYS LEFT", "KEY", "SHA-256");
            summaries.forEach(s -> table.row(
                    s.file(),
                    s.authority() ? "authority" : s.identities().isEmpty() ? "-" : String.join(" ", s.identities()),
                    s.subject(),
                    s.issuer(),
                    DAY.format(s.notBefore()),
                    DAY.format(s.notAfter()),
                    s.daysLeft(),
                    s.keyType(),
                    s.fingerprint().substring(0, 16)));
            return table;
        }
    }

    private static KeyType keyType(String label) {
        return Stream.of(KeyType.ECDSA, KeyType.ED25519)
                .filter(type -> type.label().equals(label))
                .findFirst()
                .orElseThrow(() ->
                        new CommandFailure(ExitCode.USAGE, "--key is \"" + label + "\"; allowed: ecdsa or ed25519"));
    }

    private static void requireName(String option, String value) {
        if (!GatewayIdentity.isName(value)) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    option + " is \"" + value + "\"; allowed: 1 to 63 of a-z, 0-9 and -, not - at an end");
        }
    }

    private interface Work {
        List<Path> run(Duration validity) throws PkiException;
    }

    private static int written(CommandSpec spec, Work work, long days) {
        if (days < 1 || days > 36_500) {
            throw new CommandFailure(ExitCode.USAGE, "--days is " + days + "; allowed: 1 to 36500");
        }
        try {
            work.run(Duration.ofDays(days))
                    .forEach(file -> spec.commandLine().getOut().println("wrote " + file));
            return ExitCode.OK;
        } catch (PkiException failed) {
            throw new CommandFailure(ExitCode.FAILURE, String.valueOf(failed.getMessage()), failed);
        }
    }
}
