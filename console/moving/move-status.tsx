import { useWords } from '../i18n.ts'

const tones: Readonly<Record<string, string>> = { running: 'good', approved: 'good', stopped: 'bad' }

export function MoveStatus({ status }: { status: string }) {
  const { code } = useWords()
  return <span className={`tag ${tones[status] ?? ''}`}>{code('moveStatus', status)}</span>
}
