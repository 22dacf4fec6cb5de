# The standalone API as one native executable.
# By version, each build has the latest repairs of what it stands on; with their digests (--build-arg SDK=mcr.microsoft.com/dotnet/sdk:10.0@sha256:…) it has the same each time.
ARG SDK=mcr.microsoft.com/dotnet/sdk:10.0
ARG RUNTIME=mcr.microsoft.com/dotnet/runtime-deps:10.0

FROM ${SDK} AS build
RUN apt-get update && apt-get install -y --no-install-recommends clang zlib1g-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN dotnet publish samples/WebHost -c Release -o /app

FROM ${RUNTIME}
WORKDIR /app
COPY --from=build /app .
# What the embedded store keeps; mount a volume here, or set SUPABASE_DB_URL.
RUN mkdir -p data artifacts && chown -R $APP_UID data artifacts
USER $APP_UID
ENV ENVIRONMENT=production PORT=8000
EXPOSE 8000
ENTRYPOINT ["./agentops-rca"]
