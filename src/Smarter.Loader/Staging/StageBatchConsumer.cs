using MassTransit;
using Smarter.Core.Messages;
using Smarter.Loader.Batches;

namespace Smarter.Loader.Staging;

/// <summary>Decrypts, checks and stages the file whose turn it is, and orders its star schema.</summary>
internal sealed class StageBatchConsumer(LoadSteps steps, StageFile stageFile) : IConsumer<StageBatch>
{
    public Task Consume(ConsumeContext<StageBatch> context) =>
        steps.RunNextAsync(context, async (file, cancellation) =>
        {
            await stageFile.RunAsync(file, cancellation);
            return new BuildBatch(file.Id);
        });
}

/// <summary>Two files load side by side in a process.</summary>
internal sealed class StageBatchConsumerDefinition : ConsumerDefinition<StageBatchConsumer>
{
    public StageBatchConsumerDefinition()
    {
        ConcurrentMessageLimit = 2;
        Endpoint(queue => queue.PrefetchCount = 2); // what one loader hoards, another cannot do
    }
}
