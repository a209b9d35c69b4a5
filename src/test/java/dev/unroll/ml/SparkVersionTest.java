package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SparkVersionTest {

    @Test
    void spark400_isRefused_andOthersAreNot() {
        String message = assertThrows(IllegalStateException.class, () -> SparkVersion.require("4.0.0"))
                .getMessage();
        assertTrue(message.contains("SPARK-52259") && message.contains("4.0.1 and later"), message);
        assertThrows(IllegalStateException.class, () -> SparkVersion.require("4.0.0-vendor-1"));
        SparkVersion.require("4.0.1");
        SparkVersion.require("4.3.0");
        SparkVersion.require();
    }
}
