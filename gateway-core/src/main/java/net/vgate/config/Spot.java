package net.vgate.config;

/** A place in the file, line and column from 1, and the path of the key that stands there. */
record Spot(int line, int column, String key) {
    /** The file as a whole. */
    static final Spot FILE = new Spot(0, 0, "");

    Spot at(YamlNode node) {
        return new Spot(node.line(), node.column(), key);
    }

    /** The path of {@code name} below this one, still at this place. */
    Spot child(String name) {
        return new Spot(line, column, key.isEmpty() ? name : key + "." + name);
    }

    /** The path of one of a list's items, still at this place. */
    Spot item(String label) {
        return new Spot(line, column, key + "[" + label + "]");
    }
}
