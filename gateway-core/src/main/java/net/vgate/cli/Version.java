package net.vgate.cli;

import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/** Which vgate this is. */
final class Version implements IVersionProvider {
    /** The version that the jar's manifest names, or that there is none. */
    static String number() {
        return Optional.ofNullable(Vgate.class.getPackage().getImplementationVersion())
                .orElse("unpackaged");
    }

    @Override
    public String[] getVersion() {
        return new String[] {"vgate " + number()};
    }
}
