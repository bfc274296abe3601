-- AlterTable
ALTER TABLE "AuditEntry" ADD COLUMN     "spoolId" TEXT;

-- CreateIndex
CREATE UNIQUE INDEX "AuditEntry_spoolId_key" ON "AuditEntry"("spoolId");
