/** Bodies that come out different when they are parsed and written again, or read in the wrong encoding. */
export const plain = '{"amount":"125.00","currency":"EUR"}'
export const oddSpacing = '{ "amount" :  10.00,\r\n\t"currency":"EUR" , "note": "" }\n'
export const unicode =
  '{"name":"Zoë Łukasz 李小龍 🪝","escaped":"\\u00e9\\ud83e\\ude9d","separator":"\u2028","combining":"e\u0301"}'
export const bigNumbers = '{"id":12345678901234567890,"ratio":1.10e+2,"tiny":1E-400,"negativeZero":-0}'
export const duplicateKeys = '{"a":1,"a":2,"__proto__":{"admin":true}}'
export const notJson = 'amount=125.00&currency=EUR'
/** Bytes that are no UTF-8. */
export const binary = Buffer.from('00ff80feeddeadbeef', 'hex')

export const oddBodies = {
  'odd spacing and a final line break': oddSpacing,
  'unicode, escaped and not': unicode,
  'numbers that lose digits in a double': bigNumbers,
  'a key given twice': duplicateKeys,
  'a body that is not JSON': notJson,
  'an empty body': '',
}
