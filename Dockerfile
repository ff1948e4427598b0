FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$VERSION" -o /landfall ./cmd/landfall \
 && mkdir -p /empty/data /empty/tmp

# Time zones are in the binary. wget is here for the probe alone. Nothing is written but /data, so the rest may be read-only: SQLite's
# temporary files go there too, since a migration's may be as large as the ledger.
FROM scratch
COPY --from=busybox:1.37-musl /bin/wget /bin/wget
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build --chown=65532:65532 /empty/ /
COPY --from=build /landfall /landfall
USER 65532:65532
ENV LANDFALL_DATABASE=sqlite:/data/landfall.db LANDFALL_MERCHANTS=/merchants SQLITE_TMPDIR=/data
VOLUME /data
EXPOSE 8080
# /healthz and not /readyz: without Redis Landfall still takes events, and must not be restarted for it. A migration comes before it.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5m CMD ["/bin/wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/healthz"]
ENTRYPOINT ["/landfall"]
CMD ["serve"]
