package dev.unroll.ml;

import dev.unroll.data.ShardPlan;
import dev.unroll.train.FlowHistory;
import dev.unroll.train.NoiseHistory;
import dev.unroll.train.Trainer;
import dev.unroll.train.TruncationAdvisor;
import java.util.Map;
import java.util.Optional;

/**
 * What a training was.
 *
 * @param sequences sequences trained on
 * @param steps their steps
 * @param skipped rows left out, by column and reason
 * @param plan shards and batches
 * @param gradientFlow how far back the gradient of single losses reached
 * @param gradientNoise how much of the gradient was noise, lately
 * @param truncationAdvice how far the gradient could be truncated, on the latest iteration that was sampled, where that was asked for
 */
public record TrainingSummary(
        Trainer.Result result,
        long sequences,
        long steps,
        Map<String, Long> skipped,
        ShardPlan plan,
        FlowHistory gradientFlow,
        NoiseHistory gradientNoise,
        Optional<TruncationAdvisor.Advice> truncationAdvice) {}
