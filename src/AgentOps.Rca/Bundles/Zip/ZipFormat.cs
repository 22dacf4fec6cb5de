using System.Buffers.Binary;
using System.Text;

namespace AgentOps.Rca.Bundles.Zip;

/// <summary>
/// The one zip form of a bundle, after PKWARE's APPNOTE 6.3.10: entries stored, without data descriptors, comments or gaps, dated
/// 1980-01-01, zip64 only where a number needs it. Everything is a function of the names, sizes and contents, so writer and verifier
/// share it. Deflate is not used: its output changes with the version of the compressor.
/// </summary>
internal static class ZipFormat
{
    public const int LocalHeaderSize = 30;
    public const uint LocalSignature = 0x04034b50;

    private const uint CentralSignature = 0x02014b50;
    private const uint EndSignature = 0x06054b50;
    private const uint Zip64EndSignature = 0x06064b50;
    private const uint Zip64LocatorSignature = 0x07064b50;
    private const ushort Zip64Tag = 1;
    private const ushort FixedDate = 1 << 5 | 1;
    private const ushort MadeByUnix = 3 << 8;
    private const uint RegularFileMode = 0x81A4u << 16; // -rw-r--r--
    private const uint Mask32 = uint.MaxValue;
    private const ushort Mask16 = ushort.MaxValue;

    /// <summary>The header in front of an entry's content.</summary>
    public static byte[] LocalHeader(in BundleFile file)
    {
        var isLarge = file.Length >= Mask32;
        var name = Encoding.ASCII.GetBytes(file.Name);
        var header = new Fields(LocalHeaderSize + name.Length + (isLarge ? 20 : 0));
        header.Put(LocalSignature);
        PutCommon(ref header, file, isLarge);
        header.Put((ushort)name.Length);
        header.Put((ushort)(isLarge ? 20 : 0));
        header.Put(name);
        if (isLarge)
        {
            header.Put(Zip64Tag);
            header.Put((ushort)16);
            header.Put((ulong)file.Length);
            header.Put((ulong)file.Length);
        }

        return header.Bytes;
    }

    /// <summary>An entry's record in the central directory.</summary>
    public static byte[] CentralRecord(in BundleFile file, long offset)
    {
        var isLarge = file.Length >= Mask32;
        var isFar = offset >= Mask32;
        var extra = (isLarge ? 16 : 0) + (isFar ? 8 : 0);
        var name = Encoding.ASCII.GetBytes(file.Name);
        var record = new Fields(46 + name.Length + (extra > 0 ? extra + 4 : 0));
        record.Put(CentralSignature);
        record.Put((ushort)(MadeByUnix | Version(isLarge || isFar)));
        PutCommon(ref record, file, isLarge || isFar);
        record.Put((ushort)name.Length);
        record.Put((ushort)(extra > 0 ? extra + 4 : 0));
        record.Put((ushort)0); // comment
        record.Put((ushort)0); // disk
        record.Put((ushort)0); // internal attributes
        record.Put(RegularFileMode);
        record.Put(isFar ? Mask32 : (uint)offset);
        record.Put(name);
        if (extra > 0)
        {
            record.Put(Zip64Tag);
            record.Put((ushort)extra);
            if (isLarge)
            {
                record.Put((ulong)file.Length);
                record.Put((ulong)file.Length);
            }

            if (isFar)
            {
                record.Put((ulong)offset);
            }
        }

        return record.Bytes;
    }

    /// <summary>The records after the central directory.</summary>
    public static byte[] End(long count, long directoryOffset, long directorySize)
    {
        var isLarge = count >= Mask16 || directoryOffset >= Mask32 || directorySize >= Mask32;
        var end = new Fields(22 + (isLarge ? 76 : 0));
        if (isLarge)
        {
            end.Put(Zip64EndSignature);
            end.Put(44ul);
            end.Put((ushort)(MadeByUnix | Version(true)));
            end.Put(Version(true));
            end.Put(0u);
            end.Put(0u);
            end.Put((ulong)count);
            end.Put((ulong)count);
            end.Put((ulong)directorySize);
            end.Put((ulong)directoryOffset);
            end.Put(Zip64LocatorSignature);
            end.Put(0u);
            end.Put((ulong)(directoryOffset + directorySize));
            end.Put(1u);
        }

        end.Put(EndSignature);
        end.Put((ushort)0);
        end.Put((ushort)0);
        end.Put((ushort)Math.Min(count, Mask16));
        end.Put((ushort)Math.Min(count, Mask16));
        end.Put((uint)Math.Min(directorySize, Mask32));
        end.Put((uint)Math.Min(directoryOffset, Mask32));
        end.Put((ushort)0);
        return end.Bytes;
    }

    /// <summary>How many bytes the archive of these files has.</summary>
    public static long TotalLength(IEnumerable<BundleFile> files)
    {
        long offset = 0;
        long directory = 0;
        long count = 0;
        foreach (var file in files)
        {
            directory += CentralRecord(file, offset).Length;
            offset += LocalHeader(file).Length + file.Length;
            count++;
        }

        return offset + directory + End(count, offset, directory).Length;
    }

    private static ushort Version(bool isZip64) => (ushort)(isZip64 ? 45 : 20);

    private static void PutCommon(ref Fields fields, in BundleFile file, bool isZip64)
    {
        fields.Put(Version(isZip64));
        fields.Put((ushort)0); // flags
        fields.Put((ushort)0); // stored
        fields.Put((ushort)0); // time
        fields.Put(FixedDate);
        fields.Put(file.Crc32);
        fields.Put(file.Length >= Mask32 ? Mask32 : (uint)file.Length);
        fields.Put(file.Length >= Mask32 ? Mask32 : (uint)file.Length);
    }

    private ref struct Fields(int length)
    {
        private int _position;

        public byte[] Bytes { get; } = new byte[length];

        public void Put(ushort value)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(Bytes.AsSpan(_position), value);
            _position += 2;
        }

        public void Put(uint value)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(Bytes.AsSpan(_position), value);
            _position += 4;
        }

        public void Put(ulong value)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(Bytes.AsSpan(_position), value);
            _position += 8;
        }

        public void Put(ReadOnlySpan<byte> value)
        {
            value.CopyTo(Bytes.AsSpan(_position));
            _position += value.Length;
        }
    }
}
