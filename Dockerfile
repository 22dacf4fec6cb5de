# The standalone API as one native executable.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
RUN apt-get update && apt-get install -y --no-install-recommends clang zlib1g-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN dotnet publish samples/WebHost -c Release -o /app

FROM mcr.microsoft.com/dotnet/runtime-deps:10.0
WORKDIR /app
COPY --from=build /app .
# What the embedded store keeps; mount a volume here, or set SUPABASE_DB_URL.
RUN mkdir -p data artifacts && chown -R $APP_UID data artifacts
USER $APP_UID
ENV ENVIRONMENT=production PORT=8000
EXPOSE 8000
ENTRYPOINT ["./agentops-rca"]
