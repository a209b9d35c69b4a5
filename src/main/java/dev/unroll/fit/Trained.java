package dev.unroll.fit;

import dev.unroll.model.Model;
import java.io.Serializable;

/** What a training gives: the model, and what the training was. */
public record Trained(Model model, TrainingSummary summary) implements Serializable {}
