package dev.unroll.spark;

/** How the rows of a file stand in it, so that an error can name the line. */
public enum SourceLayout {
    /** One row a line. */
    LINES,
    /** One row a line, behind a header line. */
    LINES_WITH_HEADER,
    /** Rows, but no lines that a person could look at. */
    ROWS
}
