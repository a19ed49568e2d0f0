package net.vgate.observe;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The values of one scrape, as they are gathered. */
final class Samples {
    private final Map<GatewayMetric, List<Sample>> samples = new EnumMap<>(GatewayMetric.class);

    /** An absent value is no sample. */
    void add(GatewayMetric metric, @Nullable Number value, String... labelValues) {
        if (value != null) {
            Labels labels = Labels.of(metric.labels().toArray(new String[0]), labelValues);
            samples.computeIfAbsent(metric, first -> new ArrayList<>()).add(new Sample(value.doubleValue(), labels));
        }
    }

    /** As seconds of the Unix epoch; an absent time is no sample. */
    void addTime(GatewayMetric metric, @Nullable Instant time, String... labelValues) {
        if (time != null) {
            add(metric, time.toEpochMilli() / 1e3, labelValues);
        }
    }

    MetricSnapshots snapshots() {
        List<MetricSnapshot> families = new ArrayList<>();
        samples.forEach((metric, values) -> families.add(
                switch (metric.kind()) {
                    case GAUGE -> gauge(metric, values);
                    case COUNTER -> counter(metric, values);
                }));
        return new MetricSnapshots(families);
    }

    private static MetricSnapshot gauge(GatewayMetric metric, List<Sample> values) {
        GaugeSnapshot.Builder family =
                GaugeSnapshot.builder().name(metric.baseName()).help(metric.help());
        values.forEach(sample -> family.dataPoint(GaugeDataPointSnapshot.builder()
                .value(sample.value())
                .labels(sample.labels())
                .build()));
        return family.build();
    }

    private static MetricSnapshot counter(GatewayMetric metric, List<Sample> values) {
        CounterSnapshot.Builder family =
                CounterSnapshot.builder().name(metric.baseName()).help(metric.help());
        values.forEach(sample -> family.dataPoint(CounterDataPointSnapshot.builder()
                .value(sample.value())
                .labels(sample.labels())
                .build()));
        return family.build();
    }

    private record Sample(double value, Labels labels) {}
}
