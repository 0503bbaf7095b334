# Inkling for linux/amd64, linux/arm64 and linux/arm/v7, on Debian's Node: there is no other image with Node 24 for 32-bit ARM.
#
#   docker buildx build --platform linux/arm/v7 --tag inkling --load .
#   docker run --detach --restart unless-stopped --network host --volume inkling:/state inkling
#
# Without `--network host`, with `--publish 8000:8000`, the addresses that it prints are the container's, and all visitors may be
# one network to it. The first part runs on the machine that builds: the bundle is the same for all.

FROM --platform=$BUILDPLATFORM node:24-slim AS bundle
WORKDIR /source
COPY . .
RUN npm ci && npm run bundle && mkdir /program && tar -xzf build/inkling-[0-9]*.tgz -C /program --strip-components=1

# Debian 14, the first with Node 24
FROM debian:forky-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends nodejs \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --home-dir /state --shell /usr/sbin/nologin inkling \
 && install --directory --owner=inkling --mode=700 /state \
 && install --directory --owner=inkling /opt/inkling/.cache
COPY --from=bundle /program /opt/inkling
USER inkling
ENV INKLING_STATE=/state
VOLUME /state
EXPOSE 8000
# bash, because a Node for each check would be work for a phone
HEALTHCHECK --interval=1m --timeout=10s --start-period=1m CMD ["bash", "-c", "at=127.0.0.1:${INKLING_PORT:-${PORT:-8000}}; exec 3<>/dev/tcp/${at/:/\\/} && printf 'GET /livez HTTP/1.1\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n' $at >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["node", "/opt/inkling/server/inkling.js"]
CMD ["serve"]
