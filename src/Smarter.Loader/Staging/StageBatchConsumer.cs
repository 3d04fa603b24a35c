using MassTransit;
using Smarter.Core.Messages;
using Smarter.Loader.Batches;

namespace Smarter.Loader.Staging;

/// <summary>Decrypts, checks and stages a file that has arrived, and orders its star schema.</summary>
internal sealed class StageBatchConsumer(LoadSteps steps, StageFile stageFile) : IConsumer<StageBatch>
{
    public Task Consume(ConsumeContext<StageBatch> context) =>
        steps.RunAsync(context, context.Message.BatchId, LoadStage.Arrived, async (file, cancellation) =>
        {
            await stageFile.RunAsync(file, cancellation);
            return new BuildBatch(file.Id);
        });
}

/// <summary>Two files load side by side in a process.</summary>
internal sealed class StageBatchConsumerDefinition : ConsumerDefinition<StageBatchConsumer>
{
    public StageBatchConsumerDefinition() => ConcurrentMessageLimit = 2;
}
