using AgentOps.Rca.Tool;

return await ToolProgram.RunAsync(args).ConfigureAwait(false);
