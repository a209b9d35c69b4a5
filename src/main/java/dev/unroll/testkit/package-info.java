/** For tests of cells of your own: {@link dev.unroll.testkit.CellContract} checks what every cell must keep. */
package dev.unroll.testkit;
