package net.vgate.config;

import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/**
 * Reads configuration files, strictly: what is not understood whole is refused, and all that is wrong is said at once.
 */
public final class ConfigReader {
    private ConfigReader() {}

    /** Reads {@code file}, and looks at the certificates and keys that it names. */
    public static ConfigResult read(Path file) {
        return read(file, Clock.systemUTC());
    }

    /** As {@link #read(Path)}, at the time of {@code clock}. */
    public static ConfigResult read(Path file, Clock clock) {
        Problems problems = new Problems(file);
        Optional<GatewayConfig> config = SourceText.read(file, problems)
                .flatMap(bytes -> fields(bytes, problems))
                .flatMap(fields -> {
                    IdentityFiles identity = new IdentityFiles(file, clock.instant(), problems);
                    identity.check(fields);
                    return build(fields, file, identity.contents(), problems);
                });
        return new ConfigResult(config, problems.sorted());
    }

    /** Reads a file whose content is {@code bytes}. Looks at no other file. */
    public static ConfigResult parse(Path file, byte[] bytes) {
        Problems problems = new Problems(file);
        Optional<GatewayConfig> config =
                fields(bytes, problems).flatMap(fields -> build(fields, file, Map.of(), problems));
        return new ConfigResult(config, problems.sorted());
    }

    private static Optional<Fields> fields(byte[] bytes, Problems problems) {
        return SourceText.decode(bytes, problems).flatMap(text -> {
            problems.quoteFrom(text);
            Optional<Fields> fields =
                    YamlTree.compose(text, problems).flatMap(root -> ConfigKeys.ROOT.read(root, Spot.FILE, problems));
            fields.ifPresent(root -> Checks.all(root, problems));
            return fields;
        });
    }

    private static Optional<GatewayConfig> build(
            Fields fields, Path file, Map<Path, String> identityContents, Problems problems) {
        return problems.hasErrors()
                ? Optional.empty()
                : Optional.of(ConfigBuilder.build(fields, file.toAbsolutePath().normalize(), identityContents));
    }
}
