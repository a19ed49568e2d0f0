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

    /**
     * Reads {@code file}, looks at the certificates and keys that it names, and runs its policy tests.
     *
     * @param compiler makes of the rules what answers the tests
     */
    public static ConfigResult read(Path file, RuleCompiler compiler) {
        return read(file, compiler, Clock.systemUTC());
    }

    /** As {@link #read(Path, RuleCompiler)}, at the time of {@code clock}. */
    public static ConfigResult read(Path file, RuleCompiler compiler, Clock clock) {
        Problems problems = new Problems(file);
        PolicyTests tests = new PolicyTests(compiler, problems);
        Optional<GatewayConfig> config = SourceText.read(file, problems)
                .flatMap(bytes -> fields(bytes, tests, problems))
                .flatMap(fields -> {
                    IdentityFiles identity = new IdentityFiles(file, clock.instant(), problems);
                    identity.check(fields);
                    return build(fields, file, identity.contents(), problems);
                });
        return new ConfigResult(config, tests.count(), tests.passed(), problems.sorted());
    }

    /** As {@link #read(Path, RuleCompiler)}, of a file whose content is {@code bytes}. Looks at no other file. */
    public static ConfigResult parse(Path file, byte[] bytes, RuleCompiler compiler) {
        Problems problems = new Problems(file);
        PolicyTests tests = new PolicyTests(compiler, problems);
        Optional<GatewayConfig> config =
                fields(bytes, tests, problems).flatMap(fields -> build(fields, file, Map.of(), problems));
        return new ConfigResult(config, tests.count(), tests.passed(), problems.sorted());
    }

    private static Optional<Fields> fields(byte[] bytes, PolicyTests tests, Problems problems) {
        return SourceText.decode(bytes, problems).flatMap(text -> {
            problems.quoteFrom(text);
            Optional<Fields> fields =
                    YamlTree.compose(text, problems).flatMap(root -> ConfigKeys.ROOT.read(root, Spot.FILE, problems));
            fields.ifPresent(root -> Checks.all(root, tests, problems));
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
