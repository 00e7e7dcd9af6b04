package dev.writebehind.loadtest.result;

import java.util.Map;
import java.util.TreeMap;

/**
 * One point of a curve; immutable.
 *
 * @param series what was varied
 * @param x its value
 * @param figures what was measured there, by name
 * @param rows the table afterwards beside what was sent
 */
public record CurvePoint(String series, double x, Map<String, Double> figures, RowCheck rows) {
    public CurvePoint {
        figures = new TreeMap<>(figures);
    }
}
