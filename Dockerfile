# syntax=docker/dockerfile:1

# One image for each program, and by default for all functions in one process:
# docker build --build-arg PACKAGE=./functions/probe/cmd .

FROM node:20-bookworm-slim AS dashboard
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci
COPY frontend/ ./
RUN npm run build

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=dashboard /src/frontend/dist ./frontend/dist
ARG PACKAGE=./functions/standalone/cmd
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/monitor ${PACKAGE}
RUN mkdir -p /out/data && cp "$(go env GOROOT)/lib/time/zoneinfo.zip" /out/

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/zoneinfo.zip /zoneinfo.zip
COPY --from=build /out/monitor /monitor
COPY --from=build --chown=65532:0 --chmod=0770 /out/data /data
ENV ZONEINFO=/zoneinfo.zip \
    TMPDIR=/data \
    MONITOR_DATA=/data \
    MONITOR_FILE=/data/monitor.yaml \
    MONITOR_ADDR=0.0.0.0:8080 \
    MONITOR_AUTH=token
USER 65532:0
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["/monitor"]
