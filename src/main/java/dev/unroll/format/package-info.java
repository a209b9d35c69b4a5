/**
 * Files that outlive a run, and nothing of what is in them: {@link dev.unroll.format.Directory} is a place on any file system Hadoop
 * knows, written whole or not at all; {@link dev.unroll.format.Safetensors} holds named tensors; {@link
 * dev.unroll.format.StrictJson} reads the rest. Whatever is read is taken for hostile: sizes are checked before anything is
 * allocated, nothing in a file names a class, and each refusal is one sentence, a {@link dev.unroll.format.FormatException}.
 */
package dev.unroll.format;
