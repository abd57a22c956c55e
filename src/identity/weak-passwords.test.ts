import { expect, test } from 'vitest'
import { isGuessable } from './weak-passwords.ts'

test('what guessers try first is refused, however it is dressed up', () => {
  const guessed = [
    '123456789012',
    '098765432109',
    '1234567890123456',
    'abcdefghijkl',
    'qwertyuiopas',
    'QWERTYUIOP123',
    'azertyuiop12',
    '1qaz2wsx3edc',
    'aaaaaaaaaaaa',
    'abababababab',
    'abc9abc9abc9',
    'passwordpassword',
    'Password2026!',
    'P@ssw0rd2026!!',
    'motdepasse123',
    'Welcome-to-the-clinic1',
    'Bienvenue2026!',
    'administrator1',
    'iloveyou-iloveyou',
    'ThroughLine2026',
    'hospital123456',
    '19840423198404',
  ]
  expect(guessed.filter((password) => !isGuessable(password))).toEqual([])
})

test('one’s own name with a year is refused, for this person only', () => {
  const own = ['marie.tremblay', 'Marie', 'Tremblay', 'Riverside']
  expect(isGuessable('Tremblay-2026!', own)).toBe(true)
  expect(isGuessable('RiversideMarie9', own)).toBe(true)
  expect(isGuessable('Tremblay-2026!')).toBe(false)
})

test('what takes long to guess is let through', () => {
  const good = [
    'forty-two-otters',
    'try-the-river-2026',
    'long-enough-for-it',
    'correct horse battery staple',
    'k7#Wq9-vRtz2pLx',
    'le chat mange une pomme',
    'Nénuphar violet 38',
    'gx83hsk20dk3',
  ]
  expect(good.filter((password) => isGuessable(password, ['ann', 'Ann Lee']))).toEqual([])
})
