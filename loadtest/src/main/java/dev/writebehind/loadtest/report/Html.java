package dev.writebehind.loadtest.report;

import java.util.List;

/**
 * The elements of HTML, made from texts; stateless, safe from any thread. Whatever is called text is escaped, what is
 * called html is not.
 */
final class Html {
    private Html() {}

    static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.append(c);
            }
        }
        return escaped.toString();
    }

    static String paragraph(String text) {
        return "<p>" + escape(text) + "</p>\n";
    }

    static String heading(int level, String text) {
        return "<h" + level + ">" + escape(text) + "</h" + level + ">\n";
    }

    static String list(List<String> texts) {
        StringBuilder html = new StringBuilder("<ul>\n");
        texts.forEach(text -> html.append("<li>").append(escape(text)).append("</li>\n"));
        return html.append("</ul>\n").toString();
    }

    /** Returns a table that scrolls by itself where it is wider than the page; its cells are html. */
    static String table(List<String> heads, List<List<String>> rows) {
        StringBuilder html = new StringBuilder("<div class=\"scroll\"><table>\n<thead><tr>");
        heads.forEach(
                text -> html.append("<th scope=\"col\">").append(escape(text)).append("</th>"));
        html.append("</tr></thead>\n<tbody>\n");
        for (List<String> row : rows) {
            html.append("<tr>");
            row.forEach(cell -> html.append("<td>").append(cell).append("</td>"));
            html.append("</tr>\n");
        }
        return html.append("</tbody></table></div>\n").toString();
    }

    /** Returns a chart with what it shows written below. */
    static String figure(String svg, String text) {
        return "<figure>" + svg + "<figcaption>" + escape(text) + "</figcaption></figure>\n";
    }

    /** Returns a spot of a colour and its name. */
    static String chip(String css, String text) {
        return "<span class=\"chip\"><i style=\"background:" + css + "\"></i>" + escape(text) + "</span>";
    }
}
