/** `http://proxy.example:3128`, with a user and password if the proxy asks. Throws what is wrong, as the end of a sentence. */
export function parseProxy(text: string): URL {
  const url = URL.parse(text)
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.pathname !== '/' || url.search || url.hash)
    throw new Error('it must be the URL of an HTTP proxy, like http://proxy.example:3128')
  return url
}
