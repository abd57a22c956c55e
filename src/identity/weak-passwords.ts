// What people choose when they are asked for twelve characters: common words, years and marks around them, runs along the
// alphabet or a keyboard, a short block over and over, their own name. Told by rule, so that no list must be kept.

/** Words that stand at the top of every published count, and those a clinic adds. Folded: lower case, letters only. */
const words = `
  password passwort motdepasse passe secret letmein openup access login signin admin administrator
  administrateur root user guest test testing demo changeme default temp welcome bienvenue bonjour hello salut
  iloveyou jetaime love amour please whatever monkey dragon tiger shadow master princess superman batman
  pokemon starwars ninja football baseball hockey soccer liverpool chelsea summer winter spring autumn fall
  monday friday sunday january december soleil doudou chouchou loulou sunshine flower computer internet google
  facebook samsung apple windows freedom trustno my the is hospital hopital clinic clinique health sante nurse
  doctor docteur medecin patient medical care soins throughline canada quebec montreal toronto america london
  paris qwerty azerty qwertz asdf zxcv abc abcd xyz aaa ilove mon mot de to a i
`
  .trim()
  .split(/\s+/)

/** Whether a text is nothing but such words, one after the other. */
function onlyWords(text: string): boolean {
  // For each place: whether the words reach it. A regular expression would try every way of cutting the text.
  const reached = [true]
  for (let at = 1; at <= text.length; at += 1)
    reached.push(words.some((word) => reached[at - word.length] === true && text.endsWith(word, at)))
  return text !== '' && reached[text.length] === true
}

const letterOf: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
}

const lines = [
  'abcdefghijklmnopqrstuvwxyz 01234567890',
  'qwertyuiop asdfghjkl zxcvbnm azertyuiop qsdfghjklm wxcvbn qwertzuiop yxcvbnm',
  '1qaz 2wsx 3edc 4rfv 5tgb 6yhn 7ujm 8ik 9ol 0p !@#$%^&*() !"/$%?&*()',
].flatMap((some) => some.split(' '))
const neighbours = new Set(
  lines.flatMap((line) =>
    Array.from(line)
      .slice(1)
      .flatMap((after, index) => [`${line[index]}${after}`, `${after}${line[index]}`]),
  ),
)

/** The share of steps from one character to the next that stay put or follow a line. */
function shareOfRuns(text: string): number {
  const steps = Array.from(text)
    .slice(1)
    .filter((after, index) => {
      const before = text[index] ?? ''
      return before === after || neighbours.has(`${before}${after}`)
    })
  return text.length < 2 ? 1 : steps.length / (text.length - 1)
}

const lettersOf = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z]/g, '')

/**
 * Whether a password of any length is among the first that somebody who guesses would try. `own`: words about the person
 * and the organisation; a password that is little else is weak too.
 */
export function isGuessable(password: string, own: readonly string[] = []): boolean {
  const lower = password.toLowerCase()
  if (new Set(lower).size < 5) return true
  if (/^\d{1,17}$/.test(password)) return true
  if (shareOfRuns(lower) >= 0.7) return true
  if (/^(.{1,6})\1+$/s.test(lower)) return true
  const core = lower.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '')
  const spelled = core.replace(/./gsu, (one) => letterOf[one] ?? one)
  if ([core, spelled, lower].some((text) => onlyWords(lettersOf(text)))) return true
  let rest = lettersOf(lower)
  const before = rest.length
  for (const word of own.map(lettersOf).filter((one) => one.length >= 4)) rest = rest.replaceAll(word, '')
  return rest.length < before && rest.length < 6
}
