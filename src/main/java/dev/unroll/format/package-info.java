/**
 * Files, whatever their content: {@link dev.unroll.format.Directory} is a directory on any file system that Hadoop
 * knows, written whole or not at all; {@link dev.unroll.format.Safetensors} holds named tensors;
 * {@link dev.unroll.format.StrictJson} reads the rest. All input is considered hostile: sizes are checked before
 * anything is allocated, nothing in a file names a class, and each refusal is one sentence, a
 * {@link dev.unroll.format.FormatException}.
 */
package dev.unroll.format;
