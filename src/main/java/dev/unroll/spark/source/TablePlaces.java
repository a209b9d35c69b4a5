package dev.unroll.spark.source;

import java.util.Set;

/**
 * Tables and where their files are.
 *
 * @param names the same whatever the session's current catalog and schema are
 * @param locations of those that have files and say where
 */
public record TablePlaces(Set<String> names, Set<String> locations) {}
