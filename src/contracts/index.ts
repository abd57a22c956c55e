export * as api from './api.ts'
export type { Board, JourneyDetail, MessageDetail, MessageItem, PathwayVersion, Session, WhyAnswer, WorkDetail, WorkItem, WorkList } from './api.ts'
