export { refusedUrls } from './address-forms.ts'
export { createAuthority, selfSigned, type Authority, type Certificate } from './certificates.ts'
export { createDatabase, dropDatabase } from './databases.ts'
export {
  startInfrastructure,
  startOwnNats,
  startOwnPostgres,
  type Infrastructure,
  type OwnPostgres,
} from './infrastructure.ts'
export { startReceiver, type Receiver, type Recorded, type Reply, type Respond } from './receiver.ts'
export { startMailServer, type MailServer, type ReceivedMail } from './mail-server.ts'
export { startProxy, type ProxyBehaviour, type ProxyServer } from './proxy-server.ts'
export type { TestServer } from './servers.ts'
export { startDnsServer, type DnsServer } from './dns-server.ts'
export { loopbackOnly, startServices, type ServiceName, type ServiceProcess, type Services } from './services.ts'
export { waitFor, type WaitOptions } from './wait-for.ts'
