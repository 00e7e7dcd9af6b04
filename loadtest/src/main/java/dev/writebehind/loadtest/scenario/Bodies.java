package dev.writebehind.loadtest.scenario;

import dev.writebehind.loadtest.traffic.Course;
import dev.writebehind.loadtest.traffic.Request;
import dev.writebehind.loadtest.traffic.Write;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** The bodies of requests, as the two endpoints take them. Safe for any thread. */
final class Bodies {
    private final Course course;

    Bodies(Course course) {
        this.course = course;
    }

    /** Returns an object for one write, an array for several. */
    String ofNative(int userId, Request request) {
        String writes =
                request.writes().stream().map(write -> ofNative(userId, write)).collect(Collectors.joining(","));
        return request.writes().size() == 1 ? writes : "[" + writes + "]";
    }

    /** Returns what the LMS's batch endpoint takes: of several values of a block, the last. */
    String ofOpenedx(int userId, Request request) {
        Map<String, Double> blocks = new LinkedHashMap<>();
        for (Write write : request.writes()) {
            blocks.put(course.blockKey(write.run(), write.block()), write.completion());
        }
        String values = blocks.entrySet().stream()
                .map(block -> "\"" + block.getKey() + "\":" + block.getValue())
                .collect(Collectors.joining(","));
        return "{\"username\":\"user" + userId + "\",\"course_key\":\""
                + course.courseKey(request.writes().get(0).run()) + "\",\"blocks\":{" + values + "}}";
    }

    private String ofNative(int userId, Write write) {
        return "{\"user_id\":" + userId + ",\"course_key\":\"" + course.courseKey(write.run())
                + "\",\"block_key\":\"" + course.blockKey(write.run(), write.block()) + "\",\"completion\":"
                + write.completion() + "}";
    }
}
