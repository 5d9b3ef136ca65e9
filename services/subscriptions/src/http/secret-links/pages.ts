/** What people see who open a link to a secret. Without scripts, and without anything from elsewhere. */

export const securityHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex, nofollow',
}

/** Programs that look at links to preview them send GET; hence the button. */
export const coverPage = (expiresAt: string): string =>
  page(
    'A secret for you',
    `<p>This link shows a webhook's signing secret <strong>once</strong>. Have a place ready to keep it in.</p>
<p>It works until ${escape(expiresAt)}.</p>
<form method="post"><button type="submit">Show the secret</button></form>`,
  )

export const secretPage = (secret: string): string =>
  page(
    'Your signing secret',
    `<p><code>${escape(secret)}</code></p>
<p>Copy it now: this link will not show it again.</p>`,
  )

export const problemPage = (title: string, detail: string): string => page(title, `<p>${escape(detail)}</p>`)

const page = (title: string, content: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem; color: #1a1a1a; background: #fff }
code { display: block; padding: 1rem; background: #f2f2f2; overflow-wrap: anywhere; user-select: all }
button { font: inherit; padding: .5rem 1rem; border: 0; border-radius: .25rem; color: #fff; background: #1b4fd1 }
</style>
</head>
<body>
<main>
<h1>${escape(title)}</h1>
${content}
</main>
</body>
</html>
`

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
