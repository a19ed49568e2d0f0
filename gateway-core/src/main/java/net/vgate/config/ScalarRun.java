package net.vgate.config;

import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.RandomAccess;

/** Single values, one after another, as text and places: what a list of a million members is while it is read. */
final class ScalarRun extends AbstractList<YamlNode> implements RandomAccess {
    private final BitSet quoted = new BitSet();
    private byte[] text = new byte[16];
    private int[] ends = new int[1];
    private int[] lines = new int[1];
    private int[] columns = new int[1];
    private int count;

    /** Appends {@code scalar}. */
    void append(YamlNode.Scalar scalar) {
        byte[] bytes = scalar.text().getBytes(StandardCharsets.UTF_8);
        int start = start(count);
        if (text.length - start < bytes.length) {
            text = Arrays.copyOf(text, Math.max(text.length + (text.length >> 1), start + bytes.length));
        }
        if (count == ends.length) {
            int length = count + (count >> 1) + 1;
            ends = Arrays.copyOf(ends, length);
            lines = Arrays.copyOf(lines, length);
            columns = Arrays.copyOf(columns, length);
        }
        System.arraycopy(bytes, 0, text, start, bytes.length);
        ends[count] = start + bytes.length;
        lines[count] = scalar.line();
        columns[count] = scalar.column();
        quoted.set(count, !scalar.plain());
        count++;
    }

    private int start(int index) {
        return index == 0 ? 0 : ends[index - 1];
    }

    @Override
    public YamlNode get(int index) {
        int start = start(index);
        String value = new String(text, start, ends[index] - start, StandardCharsets.UTF_8);
        return new YamlNode.Scalar(lines[index], columns[index], value, !quoted.get(index));
    }

    @Override
    public int size() {
        return count;
    }
}
