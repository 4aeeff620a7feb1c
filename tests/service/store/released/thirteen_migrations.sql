-- A database as the eleventh schema had it (thirteen migrations): the one before, migrated, with
-- the evidence counted by the code of its time, and
-- dumped with Connection.iterdump. Never edited: it is history.
PRAGMA application_id = 1098151009;
BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'attain','catalogs_and_tracers','2026-11-23 19:42:43.941138+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'attain','roles_and_learners','2026-11-23 19:42:43.942334+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'attain','evidence_and_knowledge','2026-11-23 19:42:43.944739+00:00');
INSERT INTO "_sqlite_migrations" VALUES(4,'attain','voids','2026-11-25 02:18:33.232848+00:00');
INSERT INTO "_sqlite_migrations" VALUES(5,'attain','keys','2026-11-25 03:09:47.701029+00:00');
INSERT INTO "_sqlite_migrations" VALUES(6,'attain','evidence_changes','2026-11-25 04:40:07.317241+00:00');
INSERT INTO "_sqlite_migrations" VALUES(7,'attain','decisions','2026-11-30 06:56:58.014992+00:00');
INSERT INTO "_sqlite_migrations" VALUES(8,'attain','aliases','2026-11-30 06:56:58.758674+00:00');
INSERT INTO "_sqlite_migrations" VALUES(9,'attain','published_versions','2026-11-30 06:56:59.478326+00:00');
INSERT INTO "_sqlite_migrations" VALUES(10,'attain','priors','2026-11-30 06:57:00.209017+00:00');
INSERT INTO "_sqlite_migrations" VALUES(11,'attain','lessons','2026-11-30 07:24:25.547975+00:00');
INSERT INTO "_sqlite_migrations" VALUES(12,'attain','next_role_weights','2026-11-30 07:30:18.272702+00:00');
INSERT INTO "_sqlite_migrations" VALUES(13,'attain','evidence_counts','2026-11-30 07:30:21.681507+00:00');
CREATE TABLE "aliases" (
   "tenant_id" TEXT NOT NULL,
   "alias" TEXT NOT NULL,
   "learner_id" TEXT NOT NULL,
   "reason" TEXT NOT NULL,
   "key_id" TEXT NOT NULL,
   "merged_at_us" INTEGER NOT NULL,
   FOREIGN KEY ("tenant_id", "learner_id") REFERENCES "learners"("tenant_id", "learner_id"),
   PRIMARY KEY ("tenant_id", "alias")
) STRICT;
INSERT INTO "aliases" VALUES('default','bob','bo','one person','k-1',1774962000000000);
CREATE TABLE "catalogs" (
   "tenant_id" TEXT NOT NULL,
   "version" INTEGER NOT NULL,
   "digest" TEXT NOT NULL,
   "content" TEXT NOT NULL,
   "created_at_us" INTEGER NOT NULL,
   PRIMARY KEY ("tenant_id", "version")
) STRICT;
INSERT INTO "catalogs" VALUES('default',1,'777add899fe920ca3110d23050e756589ef0203b8edea3efc6cfbc97f1c9f59d','{"scale": ["Awareness", "Working", "Practitioner", "Expert"], "skills": [{"skill_id": "select", "name": "", "group": "", "description": ""}], "prerequisites": [], "items": [{"item_id": "select-1", "skills": ["select"], "level": 1, "kind": "quiz", "name": "", "url": "", "retired": false}, {"item_id": "select-2", "skills": ["select"], "level": 1, "kind": "quiz", "name": "", "url": "", "retired": false}], "modules": [{"module_id": "select-101", "teaches": [{"skill_id": "select", "level": 1, "learn": 0.3}], "minutes": 10, "title": "", "format": "", "url": "", "description": "", "requires": [], "retired": false}]}',1774958400000000);
CREATE TABLE "current_versions" (
   "tenant_id" TEXT PRIMARY KEY NOT NULL,
   "catalog_version" INTEGER,
   "model_version" TEXT,
   FOREIGN KEY ("tenant_id", "catalog_version") REFERENCES "catalogs"("tenant_id", "version"),
   FOREIGN KEY ("tenant_id", "model_version") REFERENCES "tracers"("tenant_id", "version")
) STRICT;
INSERT INTO "current_versions" VALUES('default',1,'bkt-12a1e7240e06');
CREATE TABLE "decisions" (
   "tenant_id" TEXT NOT NULL,
   "decision_id" TEXT NOT NULL,
   "learner_id" TEXT NOT NULL,
   "role_id" TEXT NOT NULL,
   "policy" TEXT NOT NULL,
   "model_version" TEXT NOT NULL,
   "catalog_version" INTEGER NOT NULL,
   "evidence_since_us" INTEGER NOT NULL,
   "evidence_changes" INTEGER NOT NULL,
   "chosen" TEXT NOT NULL,
   "propensity" REAL NOT NULL,
   "content" TEXT NOT NULL,
   "made_at_us" INTEGER NOT NULL, role_version INTEGER NOT NULL DEFAULT 0,
   FOREIGN KEY ("tenant_id", "learner_id") REFERENCES "learners"("tenant_id", "learner_id"),
   PRIMARY KEY ("tenant_id", "decision_id")
) STRICT;
INSERT INTO "decisions" VALUES('default','7b135df24ed81999d9ebaf54a85795d3','bo','junior','greedy','bkt-12a1e7240e06',1,1774962000000000,3,'select-101',1.0,'{"at":"2026-03-31T13:00:00+00:00","request":{"limit":3},"attainments":[["select",1,0.775]],"ranked":[{"module_id":"select-101","score":0.006750000000000001,"terms":{"gain":0.006750000000000001,"enables":0.0,"review":0.0}}]}',1774962000000000,0);
INSERT INTO "decisions" VALUES('default','0d6fe1926009c3c8956ff8050af04ea6','ada','junior','random','bkt-12a1e7240e06',1,1774958400000000,3,'',1.0,'{"at":"2026-03-31T13:00:00+00:00","request":{"limit":3,"key":"monday"},"attainments":[["select",1,0.5777659574468086]],"kind":"module","candidates":{}}',1774962000000000,0);
CREATE TABLE "evidence" (
   "tenant_id" TEXT NOT NULL,
   "kind" TEXT NOT NULL,
   "evidence_id" TEXT NOT NULL,
   "learner_id" TEXT NOT NULL,
   "subject_id" TEXT NOT NULL,
   "score" REAL,
   "happened_at_us" INTEGER NOT NULL,
   "received_at_us" INTEGER NOT NULL,
   "digest" BLOB NOT NULL, catalog_version INTEGER NOT NULL DEFAULT 0,
   FOREIGN KEY ("tenant_id", "learner_id") REFERENCES "learners"("tenant_id", "learner_id"),
   PRIMARY KEY ("tenant_id", "kind", "evidence_id")
) STRICT;
INSERT INTO "evidence" VALUES('default','response','r1','ada','select-1',1.0,1774947600000000,1774958400000000,X'44C60495D017D6698292D39C7B29EA76',0);
INSERT INTO "evidence" VALUES('default','response','r2','ada','select-2',0.0,1774951200000000,1774958400000000,X'B2734E84C89B6A61A45753F5240E329C',0);
INSERT INTO "evidence" VALUES('default','completion','c1','ada','select-101',NULL,1774954800000000,1774958400000000,X'29D86325166AD1C6012EA0FAA26AE0AE',0);
INSERT INTO "evidence" VALUES('default','response','b1','bo','select-1',1.0,1774958460000000,1774962000000000,X'1340A8C0F2D06D5B62195319C3DC5F61',0);
INSERT INTO "evidence" VALUES('default','response','b2','bo','select-2',0.0,1774958520000000,1774962000000000,X'1451C42E93691B90B80CF9A0DC98C6D9',0);
INSERT INTO "evidence" VALUES('default','response','b3','bo','select-1',1.0,1774958580000000,1774962000000000,X'553153C8AA9DB73DE17D597DF8F13BA2',0);
INSERT INTO "evidence" VALUES('default','response','b4','bo','select-1',1.0,1774958640000000,1774962000000000,X'900B9701DB002E5FE1BA571FA8F1A688',1);
CREATE TABLE "evidence_counts" (
   "tenant_id" TEXT NOT NULL,
   "kind" TEXT NOT NULL,
   "subject_id" TEXT NOT NULL,
   "evidence_count" INTEGER NOT NULL,
   PRIMARY KEY ("tenant_id", "kind", "subject_id")
) STRICT;
INSERT INTO "evidence_counts" VALUES('default','completion','select-101',1);
INSERT INTO "evidence_counts" VALUES('default','response','select-1',4);
INSERT INTO "evidence_counts" VALUES('default','response','select-2',2);
CREATE TABLE "keys" (
   "tenant_id" TEXT NOT NULL,
   "key_id" TEXT NOT NULL,
   "kind" TEXT NOT NULL,
   "digest" BLOB NOT NULL,
   "label" TEXT NOT NULL,
   "scopes" TEXT NOT NULL,
   "learner_id" TEXT NOT NULL,
   "team_ids" TEXT NOT NULL,
   "created_at_us" INTEGER NOT NULL,
   "expires_at_us" INTEGER,
   PRIMARY KEY ("tenant_id", "key_id")
) STRICT;
INSERT INTO "keys" VALUES('default','k-5e9ed07591','key',X'AA9E0D79E3C3BB15C637E70A6E91EF6144798347CB968F8A4F729F4B5003C418','the LMS','["write-evidence"]','','[]',1774962000000000,NULL);
CREATE TABLE "knowledge" (
   "tenant_id" TEXT NOT NULL,
   "learner_id" TEXT NOT NULL,
   "model_version" TEXT NOT NULL,
   "catalog_version" INTEGER NOT NULL,
   "content" TEXT NOT NULL,
   "evidence_count" INTEGER NOT NULL,
   "last_happened_at_us" INTEGER NOT NULL,
   "last_evidence_id" TEXT NOT NULL,
   "last_kind" TEXT NOT NULL, evidence_changes INTEGER NOT NULL DEFAULT 0,
   FOREIGN KEY ("tenant_id", "learner_id") REFERENCES "learners"("tenant_id", "learner_id"),
   PRIMARY KEY ("tenant_id", "learner_id")
) STRICT;
CREATE TABLE "learners" (
   "tenant_id" TEXT NOT NULL,
   "learner_id" TEXT NOT NULL,
   "name" TEXT NOT NULL DEFAULT '',
   "team_id" TEXT NOT NULL DEFAULT '',
   "role_id" TEXT NOT NULL DEFAULT '',
   "next_role_id" TEXT NOT NULL DEFAULT '',
   "created_at_us" INTEGER NOT NULL, evidence_changes INTEGER NOT NULL DEFAULT 0, next_role_weight REAL NOT NULL DEFAULT 0,
   PRIMARY KEY ("tenant_id", "learner_id")
) STRICT;
INSERT INTO "learners" VALUES('default','ada','Ada','','junior','',1774958400000000,3,0.0);
INSERT INTO "learners" VALUES('default','bo','Bo','data','junior','',1774962000000000,5,0.0);
CREATE TABLE "overrides" (
   "tenant_id" TEXT NOT NULL,
   "override_id" TEXT NOT NULL,
   "decision_id" TEXT NOT NULL,
   "learner_id" TEXT NOT NULL,
   "subject_id" TEXT NOT NULL,
   "decided_by" TEXT NOT NULL,
   "reason" TEXT NOT NULL,
   "key_id" TEXT NOT NULL,
   "received_at_us" INTEGER NOT NULL,
   FOREIGN KEY ("tenant_id", "decision_id") REFERENCES "decisions"("tenant_id", "decision_id"),
   PRIMARY KEY ("tenant_id", "override_id")
) STRICT;
INSERT INTO "overrides" VALUES('default','o1','7b135df24ed81999d9ebaf54a85795d3','bo','','Grace','she knows it','k-1',1774962000000000);
CREATE TABLE "priors" (
   "tenant_id" TEXT PRIMARY KEY NOT NULL,
   "version" TEXT NOT NULL,
   "installed_at_us" INTEGER NOT NULL,
   "content" TEXT NOT NULL
) STRICT;
INSERT INTO "priors" VALUES('default','prior-a81dc8b41a5e',1774962000000000,'{"format": "attain-prior", "version": 1, "model": "lightfm", "options": {"components": 2, "epochs": 2, "learning_rate": 0.02, "regularization": 0.0001, "seed": 0}, "wanted_by": {"select": ["junior", "senior"]}, "learners": {"learner:ada": [0.14586251974105835, 0.014447459951043129, 0.0], "role:junior": [0.03402227908372879, 0.2127983123064041, 0.0]}, "modules": {"module:select-101": [0.02440675161778927, 0.10759468376636505, 0.0], "skill:select": [0.05138168856501579, 0.022441592067480087, 0.0], "level:1": [-0.03817259892821312, 0.07294705510139465, 0.0], "role:junior": [-0.031206393614411354, 0.1958865076303482, 0.0], "role:senior": [0.2318313866853714, -0.05827924236655235, 0.0]}}');
CREATE TABLE "role_versions" (
   "tenant_id" TEXT NOT NULL,
   "role_id" TEXT NOT NULL,
   "version" INTEGER NOT NULL,
   "content" TEXT NOT NULL,
   "catalog_version" INTEGER NOT NULL,
   "published_at_us" INTEGER NOT NULL,
   FOREIGN KEY ("tenant_id", "role_id") REFERENCES "roles"("tenant_id", "role_id"),
   PRIMARY KEY ("tenant_id", "role_id", "version")
) STRICT;
INSERT INTO "role_versions" VALUES('default','junior',1,'{"role_id": "junior", "targets": [{"skill_id": "select", "level": 1, "weight": 1.0}], "name": "", "mastery_threshold": 0.95, "ladder": "", "rung": 0, "description": ""}',0,0);
INSERT INTO "role_versions" VALUES('default','senior',1,'{"role_id": "senior", "targets": [{"skill_id": "select", "level": 1, "weight": 2.0}], "name": "", "mastery_threshold": 0.95, "ladder": "", "rung": 0, "description": ""}',1,1774962000000000);
INSERT INTO "role_versions" VALUES('default','senior',2,'{"role_id": "senior", "targets": [{"skill_id": "select", "level": 1, "weight": 3.0}], "name": "", "mastery_threshold": 0.95, "ladder": "", "rung": 0, "description": ""}',1,1774962000000000);
CREATE TABLE "roles" (
   "tenant_id" TEXT NOT NULL,
   "role_id" TEXT NOT NULL,
   "ladder" TEXT NOT NULL,
   "content" TEXT NOT NULL,
   PRIMARY KEY ("tenant_id", "role_id")
) STRICT;
INSERT INTO "roles" VALUES('default','junior','','{"role_id": "junior", "targets": [{"skill_id": "select", "level": 1, "weight": 1.0}], "name": "", "mastery_threshold": 0.95, "ladder": "", "rung": 0, "description": ""}');
INSERT INTO "roles" VALUES('default','senior','','{"role_id": "senior", "targets": [{"skill_id": "select", "level": 1, "weight": 3.0}], "name": "", "mastery_threshold": 0.95, "ladder": "", "rung": 0, "description": ""}');
CREATE TABLE "tracers" (
   "tenant_id" TEXT NOT NULL,
   "version" TEXT NOT NULL,
   "content" TEXT NOT NULL,
   "installed_at_us" INTEGER NOT NULL,
   PRIMARY KEY ("tenant_id", "version")
) STRICT;
INSERT INTO "tracers" VALUES('default','bkt-12a1e7240e06','{"format": "attain-tracer", "version": 1, "model": "bkt", "options": {"forget": null, "noise": "skill", "restarts": 5, "max_iterations": 500, "tolerance": 0.001, "seed": 0}, "fitted": null}',1774958400000000);
CREATE TABLE "voids" (
   "tenant_id" TEXT NOT NULL,
   "void_id" TEXT NOT NULL,
   "kind" TEXT NOT NULL,
   "evidence_id" TEXT NOT NULL,
   "learner_id" TEXT NOT NULL,
   "reason" TEXT NOT NULL,
   "received_at_us" INTEGER NOT NULL,
   FOREIGN KEY ("tenant_id", "kind", "evidence_id") REFERENCES "evidence"("tenant_id", "kind", "evidence_id"),
   PRIMARY KEY ("tenant_id", "void_id")
) STRICT;
INSERT INTO "voids" VALUES('default','v0','response','b2','bo','sent twice',1774962000000000);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE UNIQUE INDEX "idx_catalogs_tenant_id_digest"
    ON "catalogs" ("tenant_id", "digest");
CREATE INDEX "evidence_in_replay_order"
    ON "evidence" ("tenant_id", "learner_id", "happened_at_us", "evidence_id", "kind");
CREATE UNIQUE INDEX "idx_voids_tenant_id_kind_evidence_id"
    ON "voids" ("tenant_id", "kind", "evidence_id");
CREATE INDEX "idx_voids_tenant_id_learner_id"
    ON "voids" ("tenant_id", "learner_id");
CREATE UNIQUE INDEX "idx_keys_digest"
    ON "keys" ("digest");
CREATE INDEX "idx_keys_tenant_id_learner_id"
    ON "keys" ("tenant_id", "learner_id");
CREATE INDEX "idx_decisions_tenant_id_learner_id_made_at_us_decision_id"
    ON "decisions" ("tenant_id", "learner_id", "made_at_us", "decision_id");
CREATE INDEX "idx_decisions_tenant_id_made_at_us_decision_id"
    ON "decisions" ("tenant_id", "made_at_us", "decision_id");
CREATE INDEX "idx_overrides_tenant_id_decision_id"
    ON "overrides" ("tenant_id", "decision_id");
CREATE INDEX "idx_overrides_tenant_id_learner_id"
    ON "overrides" ("tenant_id", "learner_id");
CREATE INDEX "idx_aliases_tenant_id_learner_id"
    ON "aliases" ("tenant_id", "learner_id");
COMMIT;
