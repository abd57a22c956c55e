export * as api from './api.ts'
export type { AccountList, AuditList, Board, DeadLetterList, Fault, Finding, Graph, JourneyDetail, MessageDetail, MessageItem, MessageList, PathwayList, PathwayVersion, PeopleList, RoleList, Session, WhyAnswer, WorkDetail, WorkItem, WorkList } from './api.ts'
