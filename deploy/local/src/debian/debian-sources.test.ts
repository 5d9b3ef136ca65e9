import { expect, test } from 'vitest'
import { parseDebianSources, sourceLine } from './debian-sources.ts'

test.each([
  {
    name: 'debian.sources',
    what: 'the distribution, but not its security updates',
    text: `Types: deb
# a comment
URIs: http://mirror.test/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.test/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`,
    lines: ['deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://mirror.test/debian sid main'],
  },
  {
    name: 'sources.list',
    what: 'lines with and without options, but no sources and no comments',
    text: `# deb http://old.test/debian bookworm main
deb http://one.test/debian trixie main contrib
deb-src http://one.test/debian trixie main
deb [trusted=yes arch=amd64] http://two.test/debian stable main
deb http://two.test/debian-security trixie-security main
`,
    lines: ['deb http://one.test/debian sid main', 'deb [trusted=yes arch=amd64] http://two.test/debian sid main'],
  },
  {
    name: 'third-party.sources',
    what: 'nothing of other repositories, nor what is switched off',
    text: `Types: deb
URIs: https://deb.example.test/node_20.x
Suites: nodistro
Components: main

Enabled: no
Types: deb
URIs: http://mirror.test/debian
Suites: bookworm
Components: main
`,
    lines: [],
  },
  {
    name: 'ubuntu.sources',
    what: 'nothing of Ubuntu, which has no sid',
    text: 'Types: deb\nURIs: http://mirror.test/ubuntu\nSuites: noble noble-updates\nComponents: main universe\n',
    lines: [],
  },
])('from $name: $what', ({ name, text, lines }) => {
  expect(parseDebianSources({ name, text }).map((source) => sourceLine(source, 'sid'))).toEqual(lines)
})
