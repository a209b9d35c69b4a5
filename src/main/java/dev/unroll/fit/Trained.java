package dev.unroll.fit;

import dev.unroll.model.Model;

/** What a training gives: the model, and what the training was. */
public record Trained(Model model, TrainingSummary summary) {}
