package io.pgseam.control;

/**
 * What is planned to be copied of a relation.
 *
 * @param filenode its file
 * @param blocks blocks of its heap that are copied
 * @param blocksPerChunk how many of them a chunk has, but for the last one
 * @param chunks how many chunks there are
 * @param bytes its size on disk, with TOAST
 */
public record RelationSize(long filenode, long blocks, long blocksPerChunk, long chunks, long bytes) {}
