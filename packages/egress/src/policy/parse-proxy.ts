/** `http://proxy.example:3128`, with a user and password if the proxy asks. Throws what is wrong, as the end of a sentence. */
export function parseProxy(text: string): URL {
  const url = URL.parse(text)
  if (!url || url.protocol !== 'http:' || url.pathname !== '/' || url.search || url.hash)
    throw new Error('it must be the http URL of a proxy, like http://proxy.example:3128')
  if ([url.username, url.password].some((part) => !isDecodable(part)))
    throw new Error('its user and password must be percent-encoded: a % is written %25')
  return url
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
