import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Where traces go: takes whatever is exported over OTLP, and counts the bytes. */
let bytes = 0
const server = createServer((request, response) => {
  request.on('data', (chunk: Buffer) => (bytes += chunk.length))
  request.on('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end())
})
process.on('message', () => process.send?.(bytes))
process.on('disconnect', () => process.exit(0))
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
