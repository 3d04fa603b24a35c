using MassTransit;
using Smarter.Core;
using Smarter.Core.Messages;
using Smarter.Loader.Batches;
using Smarter.Loader.Registration;

namespace Smarter.Loader.Building;

/// <summary>Makes the staged rows of a batch ready to migrate, and orders the end of the load.</summary>
internal sealed class BuildBatchConsumer(LoadSteps steps, BuildStar buildStar, BuildSnapshot buildSnapshot)
    : IConsumer<BuildBatch>
{
    public Task Consume(ConsumeContext<BuildBatch> context) =>
        steps.RunAsync(context, context.Message.BatchId, LoadStage.Staged, async (file, cancellation) =>
        {
            if (file.LoadType == LoadType.StudentRegistration)
                await buildSnapshot.RunAsync(file, cancellation);
            else
                await buildStar.RunAsync(file, cancellation);
            return new FinishBatch(file.Id);
        });
}

internal sealed class BuildBatchConsumerDefinition : ConsumerDefinition<BuildBatchConsumer>
{
    public BuildBatchConsumerDefinition()
    {
        ConcurrentMessageLimit = 2;
        Endpoint(queue => queue.PrefetchCount = 2); // what one loader hoards, another cannot do
    }
}
