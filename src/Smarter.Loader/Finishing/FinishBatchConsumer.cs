using MassTransit;
using Smarter.Core.Messages;
using Smarter.Loader.Batches;

namespace Smarter.Loader.Finishing;

/// <summary>Ends a load whose outcome is known.</summary>
internal sealed class FinishBatchConsumer(LoadSteps steps, FinishLoad finishLoad) : IConsumer<FinishBatch>
{
    public Task Consume(ConsumeContext<FinishBatch> context) => steps.RunAsync(
        context, context.Message.BatchId, LoadStage.Finishing, async (file, cancellation) =>
        {
            await finishLoad.RunAsync(file, cancellation);
            return null;
        });
}

internal sealed class FinishBatchConsumerDefinition : ConsumerDefinition<FinishBatchConsumer>
{
    public FinishBatchConsumerDefinition()
    {
        ConcurrentMessageLimit = 4;
        Endpoint(queue => queue.PrefetchCount = 4); // what one loader hoards, another cannot do
    }
}
