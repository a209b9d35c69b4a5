/** For tests of your own cells: {@link dev.unroll.testkit.CellContract} checks what every cell must do. */
package dev.unroll.testkit;
